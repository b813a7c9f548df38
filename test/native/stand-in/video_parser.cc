// cuvid's parser: sequence, decode and display callbacks in the driver's order, by libavcodec.
#include <ffnvcodec/dynlink_cuda.h>
#include <ffnvcodec/dynlink_nvcuvid.h>

extern "C" {
#include <libavutil/pixdesc.h>
}

#include <algorithm>
#include <cstring>
#include <vector>

#include "coded_picture.h"
#include "stand_in.h"

namespace stand_in {
namespace {

CUresult Result(int code) { return static_cast<CUresult>(code); }

// Table 7-1 of H.264: nal_ref_idc 0. Table 7-1 of H.265: the even types below 16 are sub-layer non-reference. Others
// are taken for references.
bool IsReference(AVCodecID codec, const unsigned char* data, size_t size) {
  if (codec != AV_CODEC_ID_H264 && codec != AV_CODEC_ID_HEVC) return true;
  for (size_t i = 0; i + 3 < size; ++i) {
    if (data[i] != 0 || data[i + 1] != 0 || data[i + 2] != 1) continue;
    const unsigned char header = data[i + 3];
    if (codec == AV_CODEC_ID_H264) {
      const int type = header & 31;
      if (type == 1 || type == 5) return (header & 0x60) != 0;
    } else {
      const int type = header >> 1 & 63;
      if (type < 32) return type >= 16 || type % 2 == 1;
    }
  }
  return true;
}

AVCodecID IdOf(cudaVideoCodec codec) {
  switch (codec) {
    case cudaVideoCodec_HEVC:
      return AV_CODEC_ID_HEVC;
    case cudaVideoCodec_AV1:
      return AV_CODEC_ID_AV1;
    case cudaVideoCodec_JPEG:
      return AV_CODEC_ID_MJPEG;
    default:
      return AV_CODEC_ID_H264;
  }
}

struct Depth {
  cudaVideoChromaFormat chroma;
  int bits;
};

Depth DepthOf(AVPixelFormat format) {
  const AVPixFmtDescriptor* const kind = av_pix_fmt_desc_get(format);
  if (kind->nb_components < 3) return {cudaVideoChromaFormat_Monochrome, kind->comp[0].depth};
  if (kind->log2_chroma_h > 0) return {cudaVideoChromaFormat_420, kind->comp[0].depth};
  return {kind->log2_chroma_w > 0 ? cudaVideoChromaFormat_422 : cudaVideoChromaFormat_444, kind->comp[0].depth};
}

class Parser {
 public:
  explicit Parser(const CUVIDPARSERPARAMS& params) : params_(params) {
    id_ = IdOf(params.CodecType);
    codec_ = avcodec_alloc_context3(avcodec_find_decoder(id_));
    codec_->thread_count = 1;
    avcodec_open2(codec_, codec_->codec, nullptr);
    slots_.resize(std::max(params.ulMaxNumDecodeSurfaces, 1u));
  }
  ~Parser() { avcodec_free_context(&codec_); }

  CUresult Parse(const CUVIDSOURCEDATAPACKET& packet) {
    bool taken = true;
    if (packet.payload_size > 0) taken = Unit(packet);
    if (taken && (packet.flags & CUVID_PKT_ENDOFSTREAM)) taken = End();
    return Result(taken ? 0 : kInvalidValue);
  }

 private:
  bool Unit(const CUVIDSOURCEDATAPACKET& packet) {
    if (!(packet.flags & CUVID_PKT_ENDOFPICTURE)) Violation("a packet does not say that it is a whole picture");
    AVPacket* unit = av_packet_alloc();
    av_new_packet(unit, static_cast<int>(packet.payload_size));
    std::memcpy(unit->data, packet.payload, packet.payload_size);
    unit->pts = packet.timestamp;
    const int error = avcodec_send_packet(codec_, unit);
    av_packet_free(&unit);
    // As the driver: what it does not understand it passes over.
    if (error < 0 || codec_->width == 0) return true;

    std::vector<std::unique_ptr<AVFrame, FreeFrame>> frames = Receive();
    const CUVIDEOFORMAT format = Format();
    if (std::memcmp(&format, &format_, sizeof format) != 0) {
      // The old sequence's pictures are shown before the new one begins.
      for (auto& frame : frames) {
        if (frame->pts != packet.timestamp && !Show(std::move(frame))) return false;
      }
      std::erase(frames, nullptr);
      if (!Sequence(format)) return false;
    }
    return Decode(packet) &&
           std::all_of(frames.begin(), frames.end(), [&](auto& frame) { return Show(std::move(frame)); });
  }

  bool End() {
    avcodec_send_packet(codec_, nullptr);
    for (auto& frame : Receive()) {
      if (!Show(std::move(frame))) return false;
    }
    avcodec_flush_buffers(codec_);
    return true;
  }

  std::vector<std::unique_ptr<AVFrame, FreeFrame>> Receive() {
    std::vector<std::unique_ptr<AVFrame, FreeFrame>> frames;
    for (;;) {
      std::unique_ptr<AVFrame, FreeFrame> frame(av_frame_alloc());
      if (avcodec_receive_frame(codec_, frame.get()) < 0) return frames;
      frames.push_back(std::move(frame));
    }
  }

  CUVIDEOFORMAT Format() const {
    const Depth depth = DepthOf(codec_->pix_fmt);
    CUVIDEOFORMAT format;
    std::memset(&format, 0, sizeof format);
    format.codec = params_.CodecType;
    format.progressive_sequence = 1;
    format.bit_depth_luma_minus8 = format.bit_depth_chroma_minus8 = depth.bits - 8;
    format.min_num_decode_surfaces = codec_->refs + codec_->has_b_frames + 2;
    format.coded_width = codec_->coded_width;
    format.coded_height = codec_->coded_height;
    format.display_area.right = codec_->width;
    format.display_area.bottom = codec_->height;
    format.chroma_format = depth.chroma;
    const AVRational aspect = codec_->sample_aspect_ratio.num > 0 ? codec_->sample_aspect_ratio : AVRational{1, 1};
    av_reduce(&format.display_aspect_ratio.x, &format.display_aspect_ratio.y, int64_t{codec_->width} * aspect.num,
              int64_t{codec_->height} * aspect.den, 1 << 16);
    format.video_signal_description.video_full_range_flag = codec_->color_range == AVCOL_RANGE_JPEG;
    format.video_signal_description.matrix_coefficients = codec_->colorspace;
    return format;
  }

  bool Sequence(CUVIDEOFORMAT format) {
    format_ = format;
    const int answer = params_.pfnSequenceCallback(params_.pUserData, &format);
    // More than 1 is the number of surfaces that the caller has made.
    if (answer > 1) slots_.assign(answer, nullptr);
    if (answer > 0 && slots_.size() < format.min_num_decode_surfaces) {
      Violation("there are fewer decode surfaces than the sequence needs");
    }
    return answer > 0;
  }

  bool Decode(const CUVIDSOURCEDATAPACKET& packet) {
    auto picture = std::make_shared<CodedPicture>();
    picture->timestamp = packet.timestamp;
    picture->reference = IsReference(id_, packet.payload, packet.payload_size);
    next_ = (next_ + 1) % slots_.size();
    slots_[next_] = picture;
    CUVIDPICPARAMS params;
    std::memset(&params, 0, sizeof params);
    params.PicWidthInMbs = static_cast<int>(format_.coded_width + 15) / 16;
    params.FrameHeightInMbs = static_cast<int>(format_.coded_height + 15) / 16;
    params.CurrPicIdx = static_cast<int>(next_);
    params.nBitstreamDataLen = sizeof picture;
    params.pBitstreamData = reinterpret_cast<const unsigned char*>(&picture);
    params.ref_pic_flag = picture->reference;
    return params_.pfnDecodePicture(params_.pUserData, &params) > 0;
  }

  bool Show(std::unique_ptr<AVFrame, FreeFrame> frame) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const CodedPicturePtr& picture) {
      return picture && picture->timestamp == frame->pts && !picture->frame;
    });
    if (slot == slots_.end()) return true;
    (*slot)->damaged = (frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags;
    (*slot)->frame = std::move(frame);
    CUVIDPARSERDISPINFO shown = {};
    shown.picture_index = static_cast<int>(slot - slots_.begin());
    shown.progressive_frame = 1;
    shown.timestamp = (*slot)->timestamp;
    return params_.pfnDisplayPicture(params_.pUserData, &shown) > 0;
  }

  const CUVIDPARSERPARAMS params_;
  AVCodecID id_;
  AVCodecContext* codec_;
  CUVIDEOFORMAT format_ = {};
  std::vector<CodedPicturePtr> slots_;
  size_t next_ = 0;
};

}  // namespace
}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT CUresult cuvidCreateVideoParser(CUvideoparser* parser, CUVIDPARSERPARAMS* params) {
  if (const CUresult result = Enter("CreateVideoParser")) return result;
  if (!avcodec_find_decoder(IdOf(params->CodecType))) return Result(kNotSupported);
  if (params->ulMaxDisplayDelay != 0) Violation("the parser was told to hold pictures back");
  *parser = new Parser(*params);
  Register(*parser, "parser");
  return CUDA_SUCCESS;
}

STAND_IN_EXPORT CUresult cuvidParseVideoData(CUvideoparser parser, CUVIDSOURCEDATAPACKET* packet) {
  if (const CUresult result = Enter("ParseVideoData")) return result;
  if (!IsRegistered(parser, "parser")) return Result(kInvalidHandle);
  return static_cast<Parser*>(parser)->Parse(*packet);
}

STAND_IN_EXPORT CUresult cuvidDestroyVideoParser(CUvideoparser parser) {
  const CUresult result = Enter("DestroyVideoParser");
  if (Unregister(parser, "parser")) delete static_cast<Parser*>(parser);
  return result;
}
}
