import { isIPv6 } from 'node:net';
import type { Clip } from '../clip/clip.js';
import { isParameterSet, nalType } from '../clip/nal-unit.js';
import { PAYLOAD_TYPE } from '../rtp/packetized-clip.js';

/** The control attribute of the only track; also the end of its SETUP URL. */
export const TRACK_CONTROL = 'trackID=0';

const ENCODING_NAME = { h264: 'H264', h265: 'H265', mjpeg: 'JPEG' } as const;

/** H.265 table 7-1, in the order in which RFC 7798 7.1 names them. */
const H265_SPROPS = [
  { name: 'sprop-vps', type: 32 },
  { name: 'sprop-sps', type: 33 },
  { name: 'sprop-pps', type: 34 },
];

/** Describes a live clip (RFC 4566, RFC 2326 C). `withParameterSets` puts them into the format parameters. */
export function describeClip(clip: Clip, host: string, withParameterSets: boolean): string {
  const payloadType = PAYLOAD_TYPE[clip.codec];
  const family = isIPv6(host) ? 'IP6' : 'IP4';
  const lines = [
    'v=0',
    `o=- 1 1 IN ${family} ${host}`,
    's=Framewell camera simulator',
    `c=IN ${family} ${family === 'IP6' ? '::' : '0.0.0.0'}`,
    't=0 0',
    'a=control:*',
    `m=video 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${ENCODING_NAME[clip.codec]}/90000`,
    ...formatParameters(clip, withParameterSets),
    `a=framerate:${Number(clip.framesPerSecond.toFixed(3))}`,
    `a=control:${TRACK_CONTROL}`,
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function formatParameters({ codec, accessUnits }: Clip, withParameterSets: boolean): string[] {
  if (codec === 'mjpeg') return [];
  const sets = accessUnits[0]?.units.filter((nal) => isParameterSet(codec, nal)) ?? [];
  const parameters: string[] = [];
  if (codec === 'h264') {
    // RFC 6184 8.1: profile_idc, constraint flags and level_idc, the SPS's first bytes after its header.
    const sps = sets.find((nal) => nalType(codec, nal) === 7);
    parameters.push('packetization-mode=1', `profile-level-id=${sps?.toString('hex', 1, 4).toUpperCase()}`);
    if (withParameterSets) parameters.push(`sprop-parameter-sets=${base64List(sets)}`);
  } else if (withParameterSets) {
    for (const { name, type } of H265_SPROPS) {
      parameters.push(`${name}=${base64List(sets.filter((nal) => nalType(codec, nal) === type))}`);
    }
  }
  return parameters.length > 0 ? [`a=fmtp:${PAYLOAD_TYPE[codec]} ${parameters.join(';')}`] : [];
}

function base64List(nals: readonly Buffer[]): string {
  return nals.map((nal) => nal.toString('base64')).join(',');
}
