// Where a letter of a text field is on the page: the browser does not say, so the text is laid out once more beside it.

const SAME = [
  'boxSizing', 'width', 'paddingTop', 'paddingRight', 'paddingBottom', 'paddingLeft', 'borderTopWidth', 'borderRightWidth', 'borderBottomWidth',
  'borderLeftWidth', 'fontFamily', 'fontSize', 'fontWeight', 'fontStyle', 'fontVariantNumeric', 'lineHeight', 'letterSpacing', 'direction', 'textAlign', 'tabSize',
] as const;

export interface Spot {
  left: number;
  right: number;
  top: number;
  bottom: number;
  isRtl: boolean;
}

export function spotOf(field: HTMLTextAreaElement, at: number): Spot {
  const looks = getComputedStyle(field);
  const copy = document.createElement('div');
  for (const name of SAME) copy.style[name] = looks[name];
  Object.assign(copy.style, { position: 'fixed', top: '0', left: '0', visibility: 'hidden', whiteSpace: 'pre-wrap', overflowWrap: 'break-word', borderStyle: 'solid' });
  copy.textContent = field.value.slice(0, at);
  const mark = document.createElement('span');
  mark.textContent = field.value.slice(at, at + 1) || '.';
  copy.append(mark, field.value.slice(at + 1));
  field.after(copy);
  const [letter, whole, box] = [mark.getBoundingClientRect(), copy.getBoundingClientRect(), field.getBoundingClientRect()];
  copy.remove();
  const [x, y] = [box.left - whole.left - field.scrollLeft, box.top - whole.top - field.scrollTop];
  return { left: letter.left + x, right: letter.right + x, top: letter.top + y, bottom: letter.bottom + y, isRtl: looks.direction === 'rtl' };
}
