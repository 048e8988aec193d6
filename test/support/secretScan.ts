/** What gives a credential away, wherever it stands. */
const signs: Readonly<Record<string, RegExp>> = {
  "private key": /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/,
  certificate: /-----BEGIN CERTIFICATE-----|client-certificate-data/,
  token: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/,
  "key data": /client-key-data/,
};

/** Text that could be something in base64. */
const encoded = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

/** The kinds of credential in a text, plain or in base64, however often it is wrapped. */
export function credentialsIn(text: string, depth = 4): string[] {
  const found = Object.entries(signs).flatMap(([kind, sign]) => (sign.test(text) ? [kind] : []));
  if (depth === 0) return found;
  for (const [run] of text.matchAll(encoded)) {
    const inner = Buffer.from(run, "base64").toString("utf8");
    // Most runs are words, not base64: what they decode to is no text.
    if (!inner.includes("\uFFFD")) found.push(...credentialsIn(inner, depth - 1));
  }
  return [...new Set(found)].sort();
}
