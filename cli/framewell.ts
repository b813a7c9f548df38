#!/usr/bin/env node
import { CommandFailure } from './failure.js';
import { list } from './list.js';
import { probe } from './probe.js';
import { snapshot } from './snapshot.js';
import { leaveWithReader, print, tell } from './terminal.js';
import { shown, UsageError, type Command } from './usage.js';
import { watch } from './watch.js';

const COMMANDS: Readonly<Record<string, Command>> = { list, snapshot, watch, probe };

const FAILED = 1;
const WRONG_USAGE = 2;

leaveWithReader();
process.exitCode = await run(process.argv.slice(2));

/** Gives the exit code. */
async function run([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h') {
    print(overview());
    return 0;
  }
  try {
    const command = findCommand(name);
    if (args.includes('--help') || args.includes('-h')) print(command.help);
    else await command.run(args);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      tell(`framewell: ${error.message} (see --help)`);
      return WRONG_USAGE;
    }
    tell(`framewell: ${CommandFailure.from(error).toString()}`);
    return FAILED;
  }
}

function findCommand(name: string | undefined): Command {
  const names = Object.keys(COMMANDS).join(', ');
  if (name === undefined) throw new UsageError(`Expected a command: ${names}`);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) throw new UsageError(`Expected one of the commands ${names} but received ${shown(name)}`);
  return command;
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `Usage: framewell <command> [options]\n\n${lines.join('\n')}\n\nframewell <command> --help tells more.`;
}
