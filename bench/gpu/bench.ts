/** `npm run bench:gpu`: what docs/gpu-checklist.md wants measured, on this machine's card. Takes about ten minutes. */
import { measureSnapshots, summarize } from '../snapshots.js';
import { referenceClip } from '../support/reference-clip.js';
import { decodeRate, encodeTime } from './card-rates.js';
import { chooseDriver, type Parameters } from './parameters.js';
import { measureBase, measureStreams, type CardMemory } from './stream-memory.js';

const driver = chooseDriver();
if ('missing' in driver) console.log(`Skipped, since there is no card: ${driver.missing}`);
else await bench(driver.name, driver.parameters);

async function bench(name: string, parameters: Parameters): Promise<void> {
  console.log(`${new Date().toISOString()}, ${name}`);

  for (const height of parameters.heights) {
    const clip = referenceClip(height);
    const base = await measureBase(clip);
    console.log(`\nMemory of the card, ${height}p: process / whole card in MiB, and for each stream beyond the base`);
    console.log('| streams | on the CPU | memory | for each stream |\n|---|---|---|---|');
    console.log(`| none | | ${mebibytes(base)} | |`);
    for (const count of parameters.streams) {
      const memory = await measureStreams(clip, count);
      const { streams, onCpu } = memory;
      console.log(
        `| ${streams} | ${onCpu} | ${mebibytes(memory)} | ${mebibytes(forEach(memory, base, streams - onCpu))} |`,
      );
    }

    console.log(`\nNVDEC, ${height}p H.264: pictures a second\n| decoders | pictures a second |\n|---|---|`);
    for (const decoders of parameters.decoders) {
      console.log(`| ${decoders} | ${(await decodeRate(clip, decoders, parameters.secondsEach)).toFixed(0)} |`);
    }

    console.log(`\nnvJPEG, ${height}p: ms a picture\n| workers | over all workers | on its worker |\n|---|---|---|`);
    for (const workers of parameters.workers) {
      const { amortisedMs, eachMs } = await encodeTime(clip, workers, parameters.secondsEach);
      console.log(`| ${workers} | ${amortisedMs.toFixed(3)} | ${eachMs.toFixed(3)} |`);
    }
  }

  const { coldMs, warmMs, ageMs } = await measureSnapshots(referenceClip(), { ENGINE: 'cuda' }, parameters.snapshots);
  console.log('\nSnapshots of a 720p camera, ms as p50 / p90 / p99\n| | |\n|---|---|');
  console.log(`| response, decoder cold | ${summarize(coldMs)} |`);
  console.log(`| response, decoder warm | ${summarize(warmMs)} |`);
  console.log(`| age of the warm pictures | ${summarize(ageMs)} |`);
}

function forEach(memory: CardMemory, base: CardMemory, streams: number): CardMemory {
  const share = (taken: number, before: number): number => (taken - before) / streams;
  return {
    processBytes:
      memory.processBytes === undefined || base.processBytes === undefined
        ? undefined
        : share(memory.processBytes, base.processBytes),
    systemBytes: share(memory.systemBytes, base.systemBytes),
  };
}

function mebibytes({ processBytes, systemBytes }: CardMemory): string {
  return [processBytes, systemBytes]
    .map((bytes) => (bytes === undefined ? 'not told' : (bytes / 2 ** 20).toFixed(1)))
    .join(' / ');
}
