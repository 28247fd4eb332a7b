/** A build -> how much of it a browser loads, or exit 1 where that is more than the budgets. `node size.mjs <folder>` */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const FIRST_LOAD_KB = 150;
const ALL_KB = 350;
/** Pages that a visit may begin with: none of them may need more than the first load. */
const FIRST_PAGES = ["home", "dags", "dag", "runs", "run", "signin"];

const folder = process.argv[2];
const assets = new Map(
  readdirSync(join(folder, "assets")).map((name) => [name, gzipSync(readFileSync(join(folder, "assets", name))).length / 1024]),
);
const loaded = [...assets].filter(([name]) => /\.(js|css)$/.test(name));
const all = sum(loaded.map(([name]) => name));
const entry = [...readFileSync(join(folder, "index.html"), "utf8").matchAll(/assets\/([^"]+)/g)].map((found) => found[1]);

let worst = 0;
for (const page of FIRST_PAGES) {
  const own = loaded.map(([name]) => name).filter((name) => new RegExp(`^${page}-[\\w-]{8}\\.(js|css)$`).test(name));
  const size = sum([...withImports([...entry, ...own])]);
  worst = Math.max(worst, size);
  process.stdout.write(`first load of ${page.padEnd(8)} ${size.toFixed(1).padStart(6)} KB gzip\n`);
}
process.stdout.write(`all scripts and styles    ${all.toFixed(1).padStart(6)} KB gzip\n`);
if (worst > FIRST_LOAD_KB || all > ALL_KB) {
  process.stderr.write(`The budgets are ${FIRST_LOAD_KB} KB for a first load and ${ALL_KB} KB for all.\n`);
  process.exit(1);
}

function sum(names) {
  return names.reduce((total, name) => total + (assets.get(name) ?? 0), 0);
}

/** The files and what they import at once; what they import later, when it is needed, is left out. */
function withImports(names, found = new Set()) {
  for (const name of names.filter((each) => assets.has(each) && !found.has(each))) {
    found.add(name);
    if (name.endsWith(".js")) {
      const code = readFileSync(join(folder, "assets", name), "utf8");
      const imported = [...code.matchAll(/(?:from|^import|;import)\s*["']\.\/([^"']+)["']/g)].map((each) => each[1]);
      withImports(imported, found);
    }
  }
  return found;
}
