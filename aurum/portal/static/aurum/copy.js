// Examples can be copied. What is printed below them as their answer is not an example.
const EXAMPLES = "pre[data-copy] code, article pre code:not(.language-json, .language-csv)";

const selected = (code) => {
  const range = document.createRange();
  range.selectNodeContents(code);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
};

// Without https a browser has no clipboard for pages of other machines, but for what is selected.
const copy = async (code, text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  selected(code);
  if (!document.execCommand("copy")) throw new Error("not copied");
};

for (const code of document.querySelectorAll(EXAMPLES)) {
  // A page that is kept names no server of its own.
  if (code.textContent.includes("http://127.0.0.1:8000"))
    code.textContent = code.textContent.replaceAll("http://127.0.0.1:8000", location.origin);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", () => {
    copy(code, code.textContent).then(
      () => (button.textContent = "Copied"),
      () => {
        selected(code);
        button.textContent = "Press Ctrl+C";
      },
    );
  });
  code.parentElement.append(button);
}
