/** Light, dark, or what the machine prefers. The server reads the cookie, so no page flashes in the wrong one. */
export type ThemeChoice = "light" | "dark" | "system";

const YEAR_S = 365 * 24 * 3600;

export function isThemeChoice(value: unknown): value is ThemeChoice {
  return value === "light" || value === "dark" || value === "system";
}

/** Applies the choice to the page and keeps it for a year. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === "system") {
    delete document.documentElement.dataset["theme"];
  } else {
    document.documentElement.dataset["theme"] = choice;
  }
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${choice}; path=/; max-age=${YEAR_S}; samesite=lax${secure}`;
  showChoice(document, choice);
}

function showChoice(root: ParentNode, choice: ThemeChoice): void {
  for (const button of root.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset["themeChoice"] === choice));
  }
}

/** Makes every `[data-theme-choice]` button choose its theme. */
export function enableThemeChoice(root: ParentNode): void {
  const present = document.documentElement.dataset["theme"];
  showChoice(root, isThemeChoice(present) ? present : "system");
  for (const button of root.querySelectorAll<HTMLElement>("[data-theme-choice]")) {
    button.addEventListener("click", () => {
      const choice = button.dataset["themeChoice"];
      if (isThemeChoice(choice)) {
        chooseTheme(choice);
      }
    });
  }
}
