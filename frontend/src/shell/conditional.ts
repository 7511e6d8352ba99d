/**
 * `<div data-shown-when="role=moderator,user">` shows only while the form's field `role` has one of the values; fields
 * in a hidden part are disabled, so they are not sent.
 */
export function enableConditionalFields(root: ParentNode): void {
  for (const form of root.querySelectorAll("form")) {
    const parts = [...form.querySelectorAll<HTMLElement>("[data-shown-when]")];
    if (parts.length === 0) {
      continue;
    }
    const update = (): void => {
      const values = new FormData(form);
      for (const part of parts) {
        const [field = "", wanted = ""] = (part.dataset["shownWhen"] ?? "").split("=");
        const value = values.get(field);
        part.hidden = typeof value !== "string" || !wanted.split(",").includes(value);
        for (const control of part.querySelectorAll<HTMLInputElement | HTMLSelectElement>("input, select")) {
          control.disabled = part.hidden;
        }
      }
    };
    form.addEventListener("change", update);
    update();
  }
}
