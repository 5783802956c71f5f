// Takes a tag, the properties of its element and what is in it; returns the element.
export const make = (tag, properties = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
};
