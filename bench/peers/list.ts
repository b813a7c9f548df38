import { ffmpegKeyframes, ffmpegMjpeg } from './ffmpeg.js';
import { framewell } from './framewell.js';
import { go2rtcAtOurQuality, go2rtcOnDemand, go2rtcTranscoding } from './go2rtc.js';
import { gstreamer } from './gstreamer.js';
import { motion } from './motion.js';
import { opencv } from './opencv.js';
import type { Peer } from './peer.js';

export const PEERS: readonly Peer[] = [
  framewell,
  go2rtcOnDemand,
  go2rtcTranscoding,
  go2rtcAtOurQuality,
  motion,
  gstreamer,
  ffmpegMjpeg,
  ffmpegKeyframes,
  opencv,
];
