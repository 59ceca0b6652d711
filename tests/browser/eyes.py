"""What the tests look at a page with: scripts that run in it and answer plain values."""

# Whatever the Tab key should stop at, in the order of the document.
STOPS = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== 'hidden' && one.checkVisibility())"""

NAME_STOPS = f"""() => ({STOPS})().map((one, at) => (one.dataset.stop = String(at)))"""

# A field with `autofocus` gets it when the page is first painted: before that, the start would be lost again.
START_BEFORE_ALL = """async () => {
  await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
  const start = document.createElement('span');
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
}"""

# From here on, each place that the focus comes to is noted as it comes.
NOTE_WHERE = """() => {
  window.met = [];
  document.addEventListener('focusin', ({ target: at }) => {
    const { top, bottom, left } = at.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(at);
    window.met.push({
      stop: at.dataset.stop ?? '', what: at.outerHTML.slice(0, 90), top: top + scrollY, bottom: bottom + scrollY, left,
      ring: outlineStyle === 'none' ? 0 : parseFloat(outlineWidth),
    });
  });
}"""

WHERE_IT_WAS = "() => window.met"

# WCAG 2.2, 1.4.3 for text and 1.4.11 for the edges of fields: ratios of what is really painted behind.
FAINT = """() => {
  const parts = (color) => {
    const [red, green, blue, alpha = 1] = color.match(/[\\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const over = (top, below) => top.rgb.map((value, at) => value * top.alpha + below[at] * (1 - top.alpha));
  const light = (rgb) => {
    const [red, green, blue] = rgb.map((value) => value / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * red + .7152 * green + .0722 * blue;
  };
  const ratio = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + .05) / (dark + .05);
  };
  const canvas = matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  const behind = (element) => element ? over(parts(getComputedStyle(element).backgroundColor), behind(element.parentElement)) : canvas;
  const solid = (element) => element ? Number(getComputedStyle(element).opacity) * solid(element.parentElement) : 1;
  const faint = [];
  const expect = (least, color, ground, what) => {
    const seen = ratio(over(color, ground), ground);
    if (seen < least) faint.push(`${seen.toFixed(2)} of ${least}: ${what}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility() || element.closest('.unseen, :disabled, noscript, option')) continue;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const color = parts(style.color);
    expect(large ? 3 : 4.5, { ...color, alpha: color.alpha * solid(element) }, behind(element), text);
  }
  for (const field of document.querySelectorAll('input:not([type=hidden]), select')) {
    if (!field.checkVisibility()) continue;
    expect(3, parts(getComputedStyle(field).borderTopColor), behind(field.parentElement), `edge of ${field.id}`);
    expect(4.5, parts(getComputedStyle(field, '::placeholder').color), behind(field), `placeholder of ${field.id}`);
  }
  return faint;
}"""

WIDTH = "() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"

# Seconds that the slowest thing on the page moves for.
MOTION = """() => Math.max(0, ...[...document.querySelectorAll('*')].flatMap((one) => ['', '::before', '::after'].flatMap((part) => {
  const style = getComputedStyle(one, part || null);
  const moves = style.animationName === 'none' ? [] : style.animationDuration.split(',');
  return [...moves, ...style.transitionDuration.split(',')].map(parseFloat);
})))"""

LIVE = "() => [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')].map((one) => one.getAttribute('role') ?? 'status')"
