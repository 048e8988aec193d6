/** CPU and memory, as Kubernetes writes them: "500m", "2", "512Mi", "4Gi". */
export interface Resources {
  readonly cpu: string;
  readonly memory: string;
}

/** The same in thousandths of a core and in Mi, to calculate with. */
interface Amount {
  readonly milliCpu: number;
  readonly memoryMi: number;
}

/**
 * Adds resources up, each taken a number of times.
 *
 * @example sum([{ cpu: "500m", memory: "1Gi" }, 3], [{ cpu: "1", memory: "512Mi" }, 1]) // { cpu: "2500m", memory: "3584Mi" }
 */
export function sum(...parts: readonly (readonly [Resources, number])[]): Resources {
  const amounts = parts.map(([resources, times]) => ({ ...amountOf(resources), times }));
  const total = (of: (amount: Amount) => number) => amounts.reduce((all, amount) => all + of(amount) * amount.times, 0);
  return { cpu: `${total((amount) => amount.milliCpu)}m`, memory: `${total((amount) => amount.memoryMi)}Mi` };
}

/** @throws Error where a quantity is in another unit: that is a defect of this program, not of its input. */
export function amountOf({ cpu, memory }: Resources): Amount {
  const [, cores, milli] = /^(\d+)(m?)$/.exec(cpu) ?? [];
  const [, size, unit] = /^(\d+)(Mi|Gi)$/.exec(memory) ?? [];
  if (cores === undefined || size === undefined) throw new Error(`not quantities: ${cpu}, ${memory}`);
  return {
    milliCpu: Number(cores) * (milli === "m" ? 1 : 1000),
    memoryMi: Number(size) * (unit === "Gi" ? 1024 : 1),
  };
}
