// The content security policy allows styles from the page's own sheets, from style elements with its
// nonce, and through the CSS object model, but not from style attributes in markup. Monaco creates style
// elements and markup with style attributes. This module runs first: it gives the elements the nonce and
// applies the attributes through the object model after the markup was inserted.

const { nonce } = document.getElementById('page-data');
const { createElement } = document;
const innerHTML = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
const { insertAdjacentHTML } = Element.prototype;

const TAG = /<[^<>]*>/g; // Monaco escapes all other brackets in its markup
const STYLE = /\sstyle=(?=["'])/;
const DEFERRED = 'data-style';

function deferStyles(markup) {
  return String(markup).replaceAll(TAG, (tag) => tag.replace(STYLE, ` ${DEFERRED}=`));
}

function applyDeferredStyles(root) {
  for (const element of root.querySelectorAll(`[${DEFERRED}]`)) {
    element.style.cssText = element.getAttribute(DEFERRED);
    element.removeAttribute(DEFERRED);
  }
}

document.createElement = function (...args) {
  const element = createElement.apply(this, args);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

Object.defineProperty(Element.prototype, 'innerHTML', {
  ...innerHTML,
  set(markup) {
    innerHTML.set.call(this, deferStyles(markup));
    applyDeferredStyles(this);
  },
});

Element.prototype.insertAdjacentHTML = function (position, markup) {
  insertAdjacentHTML.call(this, position, deferStyles(markup));
  applyDeferredStyles(this.parentNode ?? this);
};
