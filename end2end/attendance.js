// Sites, employees, a month of honest days, and some doubtful check-ins, all sent as a client program would send them.
export const SITES = [
  { reference: 'dock-4', name: 'Dock 4', latitude: 53.5403, longitude: 9.9801, time_zone: 'Europe/Berlin' },
  { reference: 'north', name: 'North depot', latitude: 53.6301, longitude: 10.0102, time_zone: 'Europe/Berlin' },
];
export const EMPLOYEES = [
  { reference: 'e-1', name: 'Eva Lindqvist', site: 'dock-4' },
  { reference: 'e-2', name: 'Omar Haddad', site: 'dock-4' },
  { reference: 'e-3', name: 'Ines Carvalho', site: 'north' },
  { reference: 'e-4', name: 'Pavel Novák', site: 'north' },
  { reference: 'e-5', name: 'Mei Tanaka', site: 'dock-4' },
  { reference: 'e-6', name: 'Jonas Berg', site: 'north' },
];
const HOUR = 3600_000;
const DAY = 24 * HOUR;

/** An event some metres north-east of a site; what is not said is as honest people do it. */
export function event(client_id, employee, at, { kind = 'check_in', away = 30, face = 0.95, located = true } = {}) {
  const { site } = EMPLOYEES.find(({ reference }) => reference === employee);
  const { latitude, longitude } = SITES.find(({ reference }) => reference === site);
  const step = away / 111_195 / Math.SQRT2;
  const position = located ? { latitude: latitude + step, longitude: longitude + step / 0.59 } : {};
  return { client_id, employee, site, kind, at: new Date(at).toISOString(), ...position, face_confidence: face };
}

/** Sites, employees and their working days of the last month. */
export async function history(rest) {
  for (const site of SITES) await rest('/sites', site);
  await rest('/employees', { employees: EMPLOYEES });
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const events = [];
  for (const [at, { reference }] of EMPLOYEES.entries()) {
    for (let day = 29; day >= 2; day -= 1) {
      const date = midnight - day * DAY;
      if ([0, 6].includes(new Date(date).getUTCDay())) continue;
      const shift = (at * 7 + day * 13) % 40;
      const [away, face] = [15 + shift, 0.97 - shift / 800];
      events.push(event(`${reference}-${day}-in`, reference, date + 6.8 * HOUR + shift * 60_000, { away, face }));
      events.push(event(`${reference}-${day}-out`, reference, date + 15.2 * HOUR + shift * 60_000, { kind: 'check_out', away }));
    }
  }
  // What is known to be honest is not drawn for audit, so that the cases are the same ones every time.
  await rest('/events', { events: events.map((known) => ({ ...known, fraud: false })) });
}

/** Frauds of the last month that are known: far away, with another face, at any hour. */
export async function knownFrauds(rest) {
  const midnight = Math.floor(Date.now() / DAY) * DAY;
  const fraud = (reference, at, day, place) => {
    const how = { away: 900 + 300 * place + 70 * at, face: 0.35 + 0.03 * ((place + at) % 8) };
    const hour = (place * 7 + at * 5) % 24;
    return { ...event(`${reference}-fraud-${day}`, reference, midnight - day * DAY + hour * HOUR, how), fraud: true };
  };
  const days = [28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 5, 4, 3];
  const events = EMPLOYEES.flatMap(({ reference }, at) => days.map((day, place) => fraud(reference, at, day, place)));
  await rest('/events', { events });
}

/** A doubtful event, `hours` ago; gives the number of its case. */
export async function doubt(rest, employee, hours, how = {}) {
  const sent = event(`${employee}-doubt-${hours}`, employee, Date.now() - hours * HOUR, { away: 2_440, face: 0.58, ...how });
  const answer = await rest('/events', { event: sent });
  if (!answer.case) throw new Error(`no case: ${JSON.stringify(answer)}`);
  return answer.case;
}
