#include "ingest/access_unit_assembler.h"

#include <utility>

#include "ingest/rtp/h264_depacketizer.h"
#include "ingest/rtp/h265_depacketizer.h"

namespace framewell {

AccessUnitAssembler::AccessUnitAssembler(const AVCodecParameters& parameters, PacketSink& sink)
    : codec_(parameters.codec_id), sink_(sink), builder_(*this) {
  switch (codec_) {
    case AV_CODEC_ID_H264:
      nals_ = std::make_unique<H264Depacketizer>();
      break;
    case AV_CODEC_ID_HEVC:
      // libavformat's depacketizer has taken decoding order numbers out.
      nals_ = std::make_unique<H265Depacketizer>(false);
      break;
    case AV_CODEC_ID_MPEG4: {
      const std::span config(parameters.extradata, static_cast<size_t>(parameters.extradata_size));
      vops_ = std::make_unique<Mpeg4Depacketizer>(std::vector(config.begin(), config.end()));
      break;
    }
    default:
      break;
  }
}

bool AccessUnitAssembler::Add(std::span<const uint8_t> packet, const PacketTime& time) {
  unit_came_ = false;
  builder_.BeginPacket(time);
  if (Push(packet, time.timestamp) != PayloadVerdict::kTaken) builder_.MarkDamaged(UnitDamage::kContradiction);
  if (codec_ == AV_CODEC_ID_MJPEG) builder_.EndUnit();
  builder_.EndPacket(false);
  return unit_came_;
}

PayloadVerdict AccessUnitAssembler::Push(std::span<const uint8_t> packet, uint32_t timestamp) {
  if (nals_) return nals_->PushAnnexB(packet, builder_);
  if (vops_) {
    RtpPacket rtp;
    rtp.payload = packet;
    return vops_->Push(rtp, builder_);
  }
  const bool begins = codec_ == AV_CODEC_ID_MJPEG || std::exchange(timestamp_, timestamp) != timestamp;
  builder_.StartPart(begins ? UnitPart::kPictureStart : UnitPart::kPictureMore);
  builder_.Append(packet);
  builder_.EndPart();
  return PayloadVerdict::kTaken;
}

void AccessUnitAssembler::MarkLoss() {
  if (nals_) nals_->OnGap();
  if (vops_) vops_->OnGap();
  builder_.OnGap();
}

void AccessUnitAssembler::OnUnit(BuiltUnit unit) {
  unit_came_ = true;
  ReceivedUnit received{std::move(unit.bytes), unit.time.pts_us, unit.time.received_unix_us};
  if (nals_ || vops_) received.keyframe = unit.keyframe;
  sink_.OnAccessUnit(std::move(received));
}

void AccessUnitAssembler::OnDamage(UnitDamage damage) { sink_.OnLoss(Describe(damage)); }

}  // namespace framewell
