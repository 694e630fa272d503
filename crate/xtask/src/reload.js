/** Served by `cargo serve` only: reloads the page after an edit, and says in it why an edit could not be built. */

const note = document.createElement("p");
note.setAttribute("role", "alert");
Object.assign(note.style, {
  position: "fixed",
  inset: "auto 0 0 0",
  zIndex: "1000",
  margin: "0",
  padding: "0.75em 1em",
  background: "#a00020",
  color: "#fff",
  font: "1rem/1.4 sans-serif",
});

let page = null;
for (;;) {
  try {
    const state = await (await fetch("changes.json")).json();
    page ??= state.page;
    if (state.page !== page) location.reload();
    note.textContent = state.error;
    if (state.error) document.body.append(note);
    else note.remove();
  } catch {
    // The server is gone. The page goes on working, and reloads when there is a new server.
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
