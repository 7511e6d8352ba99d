/**
 * Sentences of the scripts, translated by the site's gettext catalogues. The page carries them as JSON in
 * `<script id="messages" type="application/json">`; the list is `guildhall/web/messages.py`.
 */
let catalogue: Readonly<Record<string, string>> | undefined;

function load(): Readonly<Record<string, string>> {
  const source = document.getElementById("messages")?.textContent;
  return source ? (JSON.parse(source) as Record<string, string>) : {};
}

/** The sentence in the page's language; `{name}` in it is replaced by `values.name`. */
export function t(sentence: string, values: Readonly<Record<string, string | number>> = {}): string {
  catalogue ??= load();
  const translated = catalogue[sentence] ?? sentence;
  return translated.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language of the page, for `Intl`. */
export function pageLanguage(): string {
  return document.documentElement.lang || "en";
}

/** The time zone in which the page shows times; undefined where nobody is signed in: the machine's own. */
export function pageTimeZone(): string | undefined {
  return document.documentElement.dataset["timeZone"];
}

/** Reads the catalogue of the page anew; tests change pages. */
export function forgetMessages(): void {
  catalogue = undefined;
}
