// The page's policy allows styles from its own sheets, from style elements that carry its nonce, and
// through the CSS object model; not in markup, where injected text could bring them. Monaco writes both
// style elements and markup with style attributes, so this stands before it: the elements get the
// nonce, and the attributes are set through the object model once the markup is in place.

const { nonce } = document.getElementById('page-data');
const { createElement } = document;
const innerHTML = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
const { insertAdjacentHTML } = Element.prototype;

const TAG = /<[^<>]*>/g; // in Monaco's markup all other brackets are escaped
const STYLE = /\sstyle=(?=["'])/;
const KEPT = 'data-style';

function withKeptStyles(markup) {
  return String(markup).replaceAll(TAG, (tag) => tag.replace(STYLE, ` ${KEPT}=`));
}

function applyKeptStyles(root) {
  for (const element of root.querySelectorAll(`[${KEPT}]`)) {
    element.style.cssText = element.getAttribute(KEPT);
    element.removeAttribute(KEPT);
  }
}

document.createElement = function (...given) {
  const element = createElement.apply(this, given);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

Object.defineProperty(Element.prototype, 'innerHTML', {
  ...innerHTML,
  set(markup) {
    innerHTML.set.call(this, withKeptStyles(markup));
    applyKeptStyles(this);
  },
});

Element.prototype.insertAdjacentHTML = function (position, markup) {
  insertAdjacentHTML.call(this, position, withKeptStyles(markup));
  applyKeptStyles(this.parentNode ?? this);
};
