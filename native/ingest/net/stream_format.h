// The SDP's video track in the words of the depacketizers and of libavcodec.
#pragma once

#include "ingest/packet_source.h"
#include "ingest/rtp/depacketizer.h"
#include "ingest/rtsp/sdp.h"

namespace framewell {

PayloadFormat MakePayloadFormat(const SdpVideoTrack& track);

// Parameter sets and such go in as extradata.
StreamFormat MakeStreamFormat(const SdpVideoTrack& track);

}  // namespace framewell
