#include "decode/jpeg_passthrough.h"

#include <new>

#include "decode/software_decoder.h"
#include "ingest/jpeg_header.h"

namespace framewell {

DecodeResult JpegPassthrough::Decode(const AccessUnitPtr& unit, Effort) {
  DecodeResult result;
  const auto size = ReadJpegSize(unit->bytes.data());
  if (!size || !IsWholeJpeg(unit->bytes.data())) {
    result.damage = "The camera sent a JPEG that is not whole";
    return result;
  }
  auto picture = std::make_shared<Picture>();
  picture->jpeg = unit;
  picture->open = [opener = opener_, unit] { return opener(unit); };
  picture->display = {size->width, size->height};
  picture->sequence = unit->sequence;
  picture->pts_us = unit->pts_us;
  picture->received_unix_us = unit->received_unix_us;
  picture->capture_unix_us = unit->capture_unix_us;
  result.pictures.push_back(std::move(picture));
  return result;
}

PicturePtr DecodeJpeg(const AccessUnitPtr& jpeg) {
  std::shared_ptr<AVCodecParameters> parameters(avcodec_parameters_alloc(), FreeCodecParameters());
  if (!parameters) throw std::bad_alloc();
  parameters->codec_type = AVMEDIA_TYPE_VIDEO;
  parameters->codec_id = AV_CODEC_ID_MJPEG;
  SoftwareDecoder decoder(parameters);
  DecodeResult result = decoder.Decode(jpeg, VideoDecoder::Effort::kEvery);
  if (result.pictures.empty()) throw EngineError("ERR_DECODE_FAILED", result.damage);
  return result.pictures.front();
}

}  // namespace framewell
