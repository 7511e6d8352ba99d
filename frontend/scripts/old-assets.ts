import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const DAY_MS = 86_400_000;

/** Removes files of the folder that are older than `time` (milliseconds since 1970) and not among those to keep. */
export function removeOlderThan(time: number, folder: string, keep: ReadonlySet<string>): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = join(folder, name);
    if (!keep.has(name) && statSync(file).mtimeMs < time) {
      rmSync(file);
    }
  }
}

/**
 * Leaves what earlier builds made for some days: a site that runs, and pages that are open, go on asking for the files
 * that they know, whose names hold a hash of their content.
 */
export function keepOldAssets(days: number): Plugin {
  return {
    name: "keep-old-assets",
    apply: "build",
    writeBundle({ dir = "." }, bundle) {
      const made = Object.keys(bundle).map((file) => file.replace(/^assets\//, ""));
      removeOlderThan(Date.now() - days * DAY_MS, join(dir, "assets"), new Set(made));
    },
  };
}
