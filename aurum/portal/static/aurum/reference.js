// Redoc's footer asks its maker's server for a logo. These pages ask no other host: the policy in
// their header would stop it, and this puts an empty picture there before it is tried. Redoc sets
// both the attribute and the property.
const EMPTY = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/%3E";
const images = HTMLImageElement.prototype;
const source = Object.getOwnPropertyDescriptor(images, "src");

const ours = (address) => {
  const { protocol, host } = new URL(address, location.href);
  return protocol === "data:" || host === location.host ? address : EMPTY;
};

images.setAttribute = function (name, value) {
  Element.prototype.setAttribute.call(this, name, name === "src" ? ours(value) : value);
};

Object.defineProperty(images, "src", {
  ...source,
  set(address) {
    source.set.call(this, ours(address));
  },
});

// Redoc's colours are in its options, which it reads when it is loaded, after this.
const DARK = {
  colors: {
    primary: { main: "#9ec1f5" },
    success: { main: "#7bd389" },
    warning: { main: "#f0c060" },
    error: { main: "#ff9c94" },
    gray: { 50: "#1e1e1e", 100: "#262626" },
    text: { primary: "#ececec", secondary: "#c8c8c8" },
    border: { dark: "rgba(255, 255, 255, 0.2)", light: "#2a2a2a" },
    responses: {
      success: { color: "#7bd389", backgroundColor: "#16281a", tabTextColor: "#7bd389" },
      error: { color: "#ff9c94", backgroundColor: "#301a19", tabTextColor: "#ff9c94" },
      redirect: { color: "#f0c060", backgroundColor: "#2c2413", tabTextColor: "#f0c060" },
      info: { color: "#86cde8", backgroundColor: "#14262e", tabTextColor: "#86cde8" },
    },
  },
  schema: { linesColor: "#5b6b80", nestedBackground: "#1a1a1a", typeNameColor: "#c8c8c8" },
  typography: {
    code: { color: "#ffb4a9", backgroundColor: "rgba(255, 255, 255, 0.08)" },
    links: { color: "#9ec1f5", hover: "#c3d9fa", visited: "#9ec1f5" },
  },
  sidebar: {
    backgroundColor: "#181818",
    textColor: "#dcdcdc",
    groupItems: { activeBackgroundColor: "#2a2a2a", activeTextColor: "#9ec1f5" },
    level1Items: { activeBackgroundColor: "#2a2a2a", activeTextColor: "#9ec1f5" },
  },
  rightPanel: { backgroundColor: "#16191b" },
  codeBlock: { backgroundColor: "#0c0e0f" },
};

const dark = matchMedia("(prefers-color-scheme: dark)");
if (dark.matches) document.querySelector("redoc").setAttribute("theme", JSON.stringify(DARK));
dark.addEventListener("change", () => location.reload());
