// @vitest-environment node
import { mkdtempSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { removeOlderThan } from "./old-assets";

it("removes what is old and of no use any more", () => {
  const folder = mkdtempSync(join(tmpdir(), "assets-"));
  for (const [name, seconds] of [["old-1.js", 100], ["old-2.js", 100], ["new-3.js", 300]] as const) {
    writeFileSync(join(folder, name), "");
    utimesSync(join(folder, name), seconds, seconds);
  }
  removeOlderThan(200_000, folder, new Set(["old-2.js"]));
  expect(readdirSync(folder).sort()).toEqual(["new-3.js", "old-2.js"]);
  removeOlderThan(200_000, join(folder, "none"), new Set());
});
