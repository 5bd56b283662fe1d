// Numbers and names as a reader wants them.

const whole = new Intl.NumberFormat('en');

/** A count, such as 24,320. */
export const count = number => whole.format(number);

/** A share of 1 as percent; small ones do not become 0. */
export function percent(share) {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  if (value > 0 && value < 1) return 'under 1 %';
  if (value > 99 && value < 100) return 'over 99 %';
  return `${Math.round(value)} %`;
}

/** A measured number with three digits that mean something; a dash where there is none ("NaN" comes as a string). */
export function measured(value) {
  const number = typeof value === 'number' ? value : Number.NaN;
  if (!Number.isFinite(number)) return '–';
  if (number === 0) return '0';
  return Math.abs(number) >= 1000 ? count(Math.round(number)) : String(Number(number.toPrecision(3)));
}

/** The same with its sign, for gains. */
export const signed = value => typeof value === 'number' && value > 0 ? `+${measured(value)}` : measured(value).replace('-', '−');

/** Bytes, such as 1.2 MB. */
export function size(bytes) {
  for (const [unit, name] of [[1e9, 'GB'], [1e6, 'MB'], [1e3, 'kB']]) {
    if (bytes >= unit) return `${Number((bytes / unit).toPrecision(2))} ${name}`;
  }
  return `${bytes} bytes`;
}

/** A limit, or a size beyond one, in the limit's own units: 1024 × 1024 bytes where it is a whole number of these. */
export const limited = (bytes, most = bytes) => most % 2 ** 20 === 0 ? `${count(Math.ceil(bytes / 2 ** 20))} MiB` : size(bytes);

/** Seconds, such as 0.3 s. */
export const seconds = value => `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;

/** In quotation marks. */
export const quoted = text => `“${text.trim()}”`;

/** A strength, such as 1.5×. */
export const times = strength => `${Number(strength.toFixed(1))}×`;

/** A setting's name for a reader. */
export const settingName = setting => ({ 'hidden-topic': 'hidden topic', news: 'news story' })[setting] ?? setting;
