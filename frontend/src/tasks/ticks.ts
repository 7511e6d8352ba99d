/** `<input type=checkbox data-tick-all="task">` ticks every box of that name in its form, or none of them. */
export function enableTickAll(root: ParentNode): void {
  for (const all of root.querySelectorAll<HTMLInputElement>("input[data-tick-all]")) {
    const form = all.form;
    if (form === null) {
      continue;
    }
    const boxes = [...form.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${all.dataset["tickAll"] ?? ""}"]`)];
    const show = (): void => {
      const ticked = boxes.filter((box) => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) {
        box.checked = all.checked;
      }
      all.indeterminate = false;
    });
    form.addEventListener("change", show);
    show();
  }
}
