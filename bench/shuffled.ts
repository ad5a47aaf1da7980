/** The same items in an order of chance (Fisher-Yates), so that none always comes after the same other one. */
export function shuffled<Item>(items: readonly Item[], random: () => number = Math.random): readonly Item[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [result[last], result[other]] as [Item, Item];
    result[last] = b;
    result[other] = a;
  }
  return result;
}
