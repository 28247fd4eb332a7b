/** The packages that the UI is made of -> licences.txt in the build, with each one's licence word for word. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

type Manifest = { name: string; version: string; license?: string; dependencies?: Record<string, string> };

const FILE = /^(licen[cs]e|copying|notice)/i;

export function licences(): Plugin {
  return {
    name: "slipway-licences",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: "licences.txt", source: text(import.meta.dirname) });
    },
  };
}

/** One part for each package that is needed at run time, by name. */
export function text(root: string): string {
  const found = new Map<string, string>();
  gather(root, root, found);
  const head = "Slipway's UI contains these packages.\n";
  return [head, ...[...found].toSorted(([a], [b]) => a.localeCompare(b, "en")).map(([, told]) => told)].join("\n");
}

function gather(folder: string, root: string, found: Map<string, string>): void {
  for (const name of Object.keys(manifestOf(folder).dependencies ?? {})) {
    const place = locate(name, folder, root);
    const manifest = manifestOf(place);
    const key = `${manifest.name} ${manifest.version}`;
    if (!found.has(key)) {
      found.set(key, part(key, manifest, place));
      gather(place, root, found);
    }
  }
}

/** Where Node would find the package from a folder: the nearest node_modules upwards. */
function locate(name: string, from: string, root: string): string {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(join(place, "package.json"))) {
      return place;
    }
  }
  throw new Error(`${name} is not in node_modules: run npm ci`);
}

function part(key: string, manifest: Manifest, place: string): string {
  const files = readdirSync(place).filter((name) => FILE.test(name));
  const texts = files.map((name) => readFileSync(join(place, name), "utf8").trim());
  const told = texts.length > 0 ? texts.join("\n\n") : "The package comes without the text of its licence.";
  return `${"=".repeat(78)}\n${key} (${manifest.license ?? "no licence named"})\n\n${told}\n`;
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}
