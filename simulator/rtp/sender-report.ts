/** Seconds from 1900, where NTP counts from, to 1970. */
const NTP_UNIX_OFFSET_S = 2_208_988_800;

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const CNAME = 1;

export interface SenderReport {
  readonly ssrc: number;
  /** Unix time in milliseconds of the capture that `timestamp` stands for. */
  readonly unixMs: number;
  readonly timestamp: number;
  readonly packets: number;
  readonly payloadBytes: number;
}

/** A compound RTCP packet: SR (RFC 3550 6.4.1) and the SDES with a CNAME that 6.1 asks for. */
export function senderReport(report: SenderReport, cname: string): Buffer {
  const sr = Buffer.alloc(28);
  sr[0] = 2 << 6;
  sr[1] = SENDER_REPORT;
  sr.writeUInt16BE(sr.length / 4 - 1, 2);
  sr.writeUInt32BE(report.ssrc, 4);
  const ntpSeconds = report.unixMs / 1000 + NTP_UNIX_OFFSET_S;
  sr.writeUInt32BE(Math.floor(ntpSeconds) >>> 0, 8);
  sr.writeUInt32BE(Math.floor((ntpSeconds % 1) * 2 ** 32), 12);
  sr.writeUInt32BE(report.timestamp, 16);
  sr.writeUInt32BE(report.packets >>> 0, 20);
  sr.writeUInt32BE(report.payloadBytes >>> 0, 24);
  return Buffer.concat([sr, sourceDescription(report.ssrc, cname)]);
}

/** 6.5: one chunk; its items end with a zero byte and are padded to 32 bits. */
function sourceDescription(ssrc: number, cname: string): Buffer {
  const text = Buffer.from(cname);
  const sdes = Buffer.alloc(8 + 4 * Math.ceil((2 + text.length + 1) / 4));
  sdes[0] = (2 << 6) | 1;
  sdes[1] = SOURCE_DESCRIPTION;
  sdes.writeUInt16BE(sdes.length / 4 - 1, 2);
  sdes.writeUInt32BE(ssrc, 4);
  sdes[8] = CNAME;
  sdes[9] = text.length;
  text.copy(sdes, 10);
  return sdes;
}
