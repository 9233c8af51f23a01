// Holds manifests against the types of Kubernetes, KEDA and the Prometheus operator: unknown fields, missing ones, wrong kinds of
// values.   node schemas.mjs NODE_MODULES <MANIFESTS.json      one line per mistake; exit status 1 if there is one
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import path from "node:path";

const modules = path.resolve(process.argv[2]);
const ts = createRequire(modules + "/")("typescript");
const packages = [
  [/^keda\.sh\//, "@kubernetes-models/keda/"],
  [/^monitoring\.coreos\.com\//, "@kubernetes-models/prometheus-operator/"],
  [/./, "kubernetes-models/"],
];

// Each manifest becomes a literal of its type: the compiler then knows all that is wrong with it.
const sources = new Map();
for (const manifest of JSON.parse(readFileSync(0, "utf8"))) {
  const [, prefix] = packages.find(([pattern]) => pattern.test(manifest.apiVersion));
  const name = path.join(modules, "..", `${manifest.kind}-${manifest.metadata.name}.ts`);
  sources.set(name, `import type { I${manifest.kind} } from "${prefix}${manifest.apiVersion}";\nexport const manifest: I${manifest.kind} = ${JSON.stringify(manifest, null, 1)};\n`);
}
const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, target: ts.ScriptTarget.ES2022 };
const host = ts.createCompilerHost(options);
const [read, exists] = [host.getSourceFile, host.fileExists];
host.getSourceFile = (name, version, ...rest) => (sources.has(name) ? ts.createSourceFile(name, sources.get(name), version) : read.call(host, name, version, ...rest));
host.fileExists = (name) => sources.has(name) || exists.call(host, name);
const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...sources.keys()], options, host));
for (const { file, start, messageText } of diagnostics) {
  const line = file ? file.text.slice(0, start).split("\n").length - 1 : 0;
  console.log(`${file ? path.basename(file.fileName, ".ts") : ""}: ${file ? file.text.split("\n")[line].trim() : ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}
process.exitCode = diagnostics.length > 0 ? 1 : 0;
