// A card's decoder engine for one camera: cuvid's parser and decoder, used directly (docs/adr/0006).
#pragma once

#include <exception>
#include <memory>
#include <vector>

#include "cuda/nvdec_surfaces.h"
#include "decode/presentation_order.h"
#include "decode/video_decoder.h"

namespace framewell {

class NvdecDecoder final : public VideoDecoder {
 public:
  // The engine is taken when the stream's parameter sets are seen. Throws CudaError.
  NvdecDecoder(std::shared_ptr<CudaContext> context, AVCodecID codec);
  ~NvdecDecoder() override;
  NvdecDecoder(const NvdecDecoder&) = delete;
  NvdecDecoder& operator=(const NvdecDecoder&) = delete;

  const std::shared_ptr<CudaContext>& context() const { return context_; }

  // Throw CudaError; the decoder is of no use then.
  DecodeResult Decode(const AccessUnitPtr& unit, Effort effort) override;
  DecodeResult Drain() override;
  void Flush() override;

 private:
  // cuvid calls these from within cuvidParseVideoData. They are C: what they throw waits in failure_.
  static int OnSequence(void* self, CUVIDEOFORMAT* format);
  static int OnDecode(void* self, CUVIDPICPARAMS* picture);
  static int OnDisplay(void* self, CUVIDPARSERDISPINFO* shown);
  template <typename Work>
  int Guard(Work work);

  int BeginSequence(const CUVIDEOFORMAT& format);
  void Submit(CUVIDPICPARAMS& picture);
  void Show(const CUVIDPARSERDISPINFO& shown);

  void OpenParser();
  void CloseParser();
  DecodeResult Parse(CUVIDSOURCEDATAPACKET packet);

  const std::shared_ptr<CudaContext> context_;
  const cudaVideoCodec codec_;
  NvdecSurfaces surfaces_;
  // Goes before the surfaces that it names.
  CUvideoparser parser_ = nullptr;
  PresentationOrder order_;

  // Of the call to cuvidParseVideoData under way.
  DecodeResult result_;
  std::exception_ptr failure_;
  Effort effort_ = Effort::kEvery;
  bool saw_picture_ = false;
  // By surface: left out, since no other picture refers to it.
  std::vector<bool> left_out_;
};

}  // namespace framewell
