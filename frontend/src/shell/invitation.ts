/**
 * An invite link carries its code in the fragment (`/join/#code=…`), which is never sent to a server. The code is kept
 * for this tab while its owner signs in or registers, and put into the field that asks for it.
 */
const KEY = "invite-code";

function codeOfFragment(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("code");
}

/** Fills `<input data-from-fragment="code">`; the code is forgotten when its form is sent. */
export function enableInvitation(root: ParentNode): void {
  const arrived = codeOfFragment(location.hash);
  if (arrived) {
    sessionStorage.setItem(KEY, arrived);
    // The code should not stay in the address bar, where a shared screen or a bookmark keeps it.
    history.replaceState(null, "", location.pathname + location.search);
  }
  const code = sessionStorage.getItem(KEY);
  for (const input of root.querySelectorAll<HTMLInputElement>("input[data-from-fragment=code]")) {
    if (code && !input.value) {
      input.value = code;
    }
    input.form?.addEventListener("submit", () => {
      sessionStorage.removeItem(KEY);
    });
  }
}

/** Tells a registration form the time zone of the machine. */
export function fillTimeZone(root: ParentNode): void {
  for (const input of root.querySelectorAll<HTMLInputElement>("input[data-time-zone]")) {
    input.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}
