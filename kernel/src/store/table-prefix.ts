/** What the names of a plugin's tables begin with. */

/** Its name with `_` for `-`, and `_`: `people-counter` owns `people_counter_visits`. */
export function tablePrefixOf(plugin: string): string {
  return `${plugin.replaceAll('-', '_')}_`;
}
