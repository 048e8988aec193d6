import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../model/deploy/patience.ts";
import type { Cloud } from "./cloud.ts";

/** The simulated cloud's clock. It runs ahead of the machine's by what was waited for: a minute takes a second. */
export class CloudClock implements Clock {
  readonly #cloud: Cloud;
  readonly #speed: number;

  /** @param speed how many times as fast as the machine's clock time passes while somebody waits */
  constructor(cloud: Cloud, speed = 60) {
    this.#cloud = cloud;
    this.#speed = speed;
  }

  now(): number {
    return this.#cloud.now();
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const real = milliseconds / this.#speed;
    await sleep(real, undefined, signal && { signal });
    await this.#cloud.advance(milliseconds - real);
  }
}
