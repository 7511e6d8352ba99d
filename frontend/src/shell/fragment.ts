/**
 * A link in a mail carries its token in the fragment (`/verify-email/#token=…`), which is never sent to a server. It is
 * put into `<input data-from-fragment="token">`, whose field nobody needs to see then, and taken out of the address bar.
 */
export function enableFragmentToken(root: ParentNode): void {
  const inputs = root.querySelectorAll<HTMLInputElement>("input[data-from-fragment=token]");
  if (inputs.length === 0) {
    return;
  }
  const token = new URLSearchParams(location.hash.replace(/^#/, "")).get("token");
  if (token === null) {
    return;
  }
  for (const input of inputs) {
    input.value = token;
    input.parentElement?.toggleAttribute("hidden", true);
  }
  history.replaceState(null, "", location.pathname + location.search);
}
