import * as pulumi from "@pulumi/pulumi";
import { changedRun, requireAsChosen } from "./components/changedRun.ts";
import { Directory } from "./components/directory.ts";
import { registerGuards } from "./components/guards.ts";
import { lastDeployment } from "./components/lastDeployment.ts";
import { leaveOutUnseen } from "./components/leanSdk.ts";
import { Platform } from "./components/platform.ts";
import { subscriptionFor } from "./components/subscription.ts";
import { patchesOf } from "./model/rules/deployed.ts";
import { handoverProblems } from "./model/rules/handover.ts";
import { hostProblems } from "./model/rules/hostChanges.ts";
import { loadInputs } from "./model/rules/inputs.ts";
import { forget, forgetProblems, retainedAfter, transitionProblems } from "./model/rules/transitions.ts";
import { encryptedSettings, otherSettings, ownSettings } from "./model/settings/deployedFiles.ts";
import { programDigest } from "./model/settings/programDigest.ts";
import { requirePlain, settingsOfEngine } from "./model/settings/settings.ts";
import { removalOf } from "./model/tenant/removal.ts";
import { tenantFile } from "./model/tenant/tenantFiles.ts";
import { formatProblem, InputError, isError, Refusal, sortProblems } from "./model/text/problems.ts";

/** Reads and checks everything before the first resource is registered: wrong input leaves all as it was. */
async function readInputs() {
  const changed = changedRun();
  const [stack, root, project] = [pulumi.getStack(), pulumi.getRootDirectory(), pulumi.getProject()];
  const encrypted = encryptedSettings(process.env);
  requirePlain({ root, project, stack }, encrypted);
  const config = pulumi.runtime.allConfig();
  const {
    settings,
    tenants,
    texts,
    locate,
    locateSetting,
    exposure,
    people,
    problems: warnings,
  } = loadInputs(settingsOfEngine({ root, project, stack, config }));
  const last = await lastDeployment(changed);
  const before = forget(last, settings.forgetRetained);
  const judgement = {
    stack,
    tenants,
    locate,
    handover: settings.handover,
    versions: settings.vcluster,
    exposure,
    removalOf: (name: string) => removalOf(root, tenantFile(stack, name)),
    known: Object.keys(last.tenants),
    lastWell: patchesOf(last),
    remembered: [...Object.keys(retainedAfter(last, tenants)), ...settings.forgetRetained],
  };
  const changes = [
    ...hostProblems(last.cluster, settings, locateSetting),
    ...forgetProblems(last, tenants, settings.forgetRetained, (index) => locateSetting(["forgetRetained", index])),
    ...handoverProblems(before, tenants, settings.handover, locateSetting),
    ...transitionProblems(before, tenants, judgement),
  ];
  // Before anything is registered, so that a refusal leaves everything as it was.
  if (changes.some(isError)) throw new InputError(changes.filter(isError));
  const directory = settings.azure === undefined ? Directory.plain() : await Directory.resolve(people);
  const record = {
    settings: ownSettings(project, config),
    others: otherSettings(project, config, encrypted),
    warnings: directory.warnings.map(formatProblem),
    program: programDigest(import.meta.filename),
    people: directory.people,
  };
  if (changed !== undefined) requireAsChosen(changed, { record, files: texts });
  const subscriptionId = await subscriptionFor(settings, tenants);
  for (const warning of sortProblems([...warnings, ...changes, ...directory.warnings]))
    void pulumi.log.warn(formatProblem(warning));
  if (tenants.length === 0) void pulumi.log.info(`no tenants yet: add a file to tenants/${stack}/`);
  return {
    settings,
    tenants,
    files: texts,
    record,
    ...(changed && { changed: { ...changed, outputs: last.outputs } }),
    directory,
    subscriptionId,
    guards: registerGuards(judgement, { settings, locate: locateSetting }),
    deployedMinor: last.cluster?.kubernetesVersion,
    retained: retainedAfter(before, tenants),
  };
}

/** A person's mistake is reported as text alone, without a stack trace. */
function explain(error: unknown): never {
  throw error instanceof Refusal ? new pulumi.RunError(error.message) : error;
}

leaveOutUnseen(process.env);
const inputs = await readInputs().catch(explain);
const platform = new Platform("platform", inputs);

/** The host cluster: name, id, managed identity, Kubernetes minor, OIDC issuer and the command that gets credentials. */
export const cluster = platform.cluster;
/** By tenant: owner, namespace, release, store, Kubernetes and chart version, size, lifecycle, what its people can really do inside, and how to connect. */
export const tenants = platform.tenants;
/** Removed tenants whose data was kept: name to the namespace that holds it. */
export const retained = inputs.retained;
