/** What somebody may write where a text is printed: none of it may do anything. */
export const hostileTexts: readonly string[] = [
  "@everyone @contoso/platform #1 https://example.com",
  "**bold** _it_ [link](https://example.com) ![image](https://example.com/x.png)",
  "<script>alert(1)</script><img src=x onerror=alert(1)> <!-- tenants: plan -->",
  "``` `` ` <details>",
  "x\n## a heading\n- [ ] a task\n```\nout of the fence",
  "::error::x\n::add-mask::y\n::set-output name=a::b",
  "##vso[task.setvariable variable=a]b ##[error]c",
  "\u001b[2J\u001b]0;title\u0007 \u202eright to left\u200b",
  "$(id) `id` \u0024{{ github.token }} '; rm -rf / #",
  "a|b|c",
];
