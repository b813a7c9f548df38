// A card's decoder engine with its surfaces, for one sequence after another.
#pragma once

#include <memory>

#include "cuda/device_frame.h"

namespace framewell {

// Functions need the context to be current, and throw CudaError. Used by one thread at a time.
class NvdecSurfaces {
 public:
  explicit NvdecSurfaces(std::shared_ptr<CudaContext> context);
  ~NvdecSurfaces();
  NvdecSurfaces(const NvdecSurfaces&) = delete;
  NvdecSurfaces& operator=(const NvdecSurfaces&) = delete;

  // What comes from now on is of this kind. The surfaces stay where they fit. Throws what RequireNvdec throws.
  void Begin(const CUVIDEOFORMAT& format);
  void Decode(CUVIDPICPARAMS& picture);
  // A copy of a decoded picture. The one output surface is free again when this returns.
  std::shared_ptr<DeviceFrame> CopyOut(const CUVIDPARSERDISPINFO& shown);
  // Whether nothing of it had to be concealed.
  bool DecodedCleanly(int picture_index) const;

 private:
  bool CanReconfigure(const CUVIDEOFORMAT& format) const;
  void Reconfigure(const CUVIDEOFORMAT& format);
  void Create(const CUVIDEOFORMAT& format);
  void Destroy();
  AvFramePtr Facts() const;

  const std::shared_ptr<CudaContext> context_;
  const std::shared_ptr<DeviceFramePool> frames_;
  const CudaStream stream_;
  CUvideodecoder decoder_ = nullptr;
  CUVIDEOFORMAT format_ = {};
  // What the decoder was made for; a smaller sequence fits in.
  CUVIDEOFORMAT largest_ = {};
};

}  // namespace framewell
