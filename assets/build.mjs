// Builds app/static/dist: bundles with hashed names, manifest.json, icons.json and the fonts of documents.
// Entries: css/main.css and every file directly in js/; modules live in subfolders.
import * as esbuild from "esbuild";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "..", "app", "static", "dist");
const next = `${dist}.next`;
const modules = join(here, "node_modules");

// Only what documents are set in: full static TTF (woff2 slices cost 7-12 s a PDF and miss characters).
const FONTS = ["400Regular/NotoSansTC_400Regular.ttf", "700Bold/NotoSansTC_700Bold.ttf"];

function entries() {
  const scripts = readdirSync(join(here, "js")).filter((name) => name.endsWith(".js")).map((name) => join(here, "js", name));
  return [join(here, "css", "main.css"), ...scripts];
}

async function bundle() {
  const result = await esbuild.build({
    entryPoints: entries(),
    bundle: true, minify: true, splitting: true, format: "esm", target: ["es2022"], charset: "utf8",
    outdir: next, entryNames: "[name]-[hash]", chunkNames: "chunk-[name]-[hash]", assetNames: "asset-[name]-[hash]",
    loader: { ".woff": "file", ".woff2": "file", ".eot": "empty", ".svg": "file" },
    legalComments: "linked", metafile: true, logLevel: "warning", absWorkingDir: here,
  });
  const manifest = {};
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint || path.endsWith(".map")) continue;
    const file = relative(next, join(here, path)).split(sep).join("/");
    const digest = createHash("sha384").update(readFileSync(join(next, file))).digest("base64");
    manifest[basename(output.entryPoint)] = { file, integrity: `sha384-${digest}` };
  }
  return manifest;
}

function icons() {
  const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").map((line) => line.trim());
  const drawn = {};
  for (const name of names.filter((line) => line && !line.startsWith("#")).sort()) {
    const folder = name.startsWith("filled/") ? "" : "outline/";
    const source = readFileSync(join(modules, "@tabler/icons/icons", `${folder}${name}.svg`), "utf8");
    const inner = source.slice(source.indexOf(">") + 1, source.lastIndexOf("</svg>")).replace(/\s+/g, " ");
    drawn[name] = inner.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").trim();
  }
  return drawn;
}

function fonts() {
  const source = join(modules, "@expo-google-fonts/noto-sans-tc");
  mkdirSync(join(next, "fonts"), { recursive: true });
  for (const path of FONTS) cpSync(join(source, path), join(next, "fonts", basename(path)));
  cpSync(join(source, "LICENSE_FONT"), join(next, "fonts", "LICENSE_FONT.txt"));
}

rmSync(next, { recursive: true, force: true });
const manifest = await bundle();
writeFileSync(join(next, "manifest.json"), JSON.stringify(manifest, null, 1));
writeFileSync(join(next, "icons.json"), JSON.stringify(icons(), null, 1));
fonts();
rmSync(dist, { recursive: true, force: true });
renameSync(next, dist);
for (const [name, { file }] of Object.entries(manifest)) {
  console.log(`${name} -> ${file} (${Math.round(statSync(join(dist, file)).size / 1024)} kB)`);
}
