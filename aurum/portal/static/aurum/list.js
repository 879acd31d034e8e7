// What a list can do beyond what it shows: sort its rows.
const value = (row, place) => row.cells[place].textContent.trim();

// Numbers by size, other words by letter, nothing last.
const compare = (a, b, numbers) => {
  const [noA, noB] = [a === "–", b === "–"];
  if (noA || noB) return noA - noB;
  return numbers ? Number(a) - Number(b) : a.localeCompare(b);
};

for (const table of document.querySelectorAll("table.rows")) {
  const [body] = table.tBodies;
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows];
      const numbers = rows.some((row) => row.cells[place].classList.contains("n"));
      rows.sort((a, b) => compare(value(a, place), value(b, place), numbers) * (down ? -1 : 1));
      body.append(...rows);
    });
  });
}

// A picture that can be zoomed, and says what is under the pointer. The script that draws it is
// large, so it is loaded by who asks for it.
for (const place of document.querySelectorAll("[data-live]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Zoom";
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Loading…";
    try {
      const [spec] = await Promise.all([
        fetch(place.dataset.live).then((answer) => answer.json()),
        import("/plots.js"),
      ]);
      // With `ast` no text is run as code, which the page's policy forbids.
      await window.vegaEmbed(place, spec, { ast: true, actions: false, renderer: "svg" });
      button.remove();
    } catch {
      button.textContent = "This cannot be drawn here";
    }
  });
  place.parentElement.querySelector(".plots").append(button);
}
