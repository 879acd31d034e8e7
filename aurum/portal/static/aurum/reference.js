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
