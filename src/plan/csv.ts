/** Attributes in the form that buildx reads (`key=value,…`), each quoted where it has to be. */
export function attributes(fields: readonly (readonly [key: string, value: string])[]): string {
  return fields.map(([key, value]) => quoted(`${key}=${value}`)).join(',')
}

function quoted(field: string): string {
  return /[",\r\n]|^\s/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
