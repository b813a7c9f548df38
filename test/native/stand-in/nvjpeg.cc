// nvJPEG's encoder, by libjpeg-turbo.
#include <turbojpeg.h>

#include <thread>
#include <vector>

#include "cuda/nvjpeg_abi.h"
#include "stand_in.h"

namespace stand_in {
namespace {

using namespace framewell::nvjpeg;

struct State {
  std::vector<unsigned char> jpeg;
};
struct Params {
  int quality = 70;
};

// nvJPEG has statuses of its own: a fault's code is one of them. In a lost context it fails with 6.
Status Begin(const char* site) {
  const CUresult result = Enter("Nvjpeg");
  if (result) return kExecutionFailed;
  return static_cast<Status>(Fault(site));
}

template <typename T>
Status Make(const char* site, const char* kind, void** handle) {
  if (const Status status = Begin(site)) return status;
  *handle = new T;
  Register(*handle, kind);
  return kSuccess;
}

template <typename T>
Status Unmake(const char* kind, void* handle) {
  if (Unregister(handle, kind)) delete static_cast<T*>(handle);
  return kSuccess;
}

}  // namespace
}  // namespace stand_in

using namespace stand_in;

extern "C" {

STAND_IN_EXPORT Status nvjpegCreateSimple(Handle* handle) {
  return Make<char>("CreateSimple", "nvJPEG handle", reinterpret_cast<void**>(handle));
}
STAND_IN_EXPORT Status nvjpegDestroy(Handle handle) { return Unmake<char>("nvJPEG handle", handle); }

STAND_IN_EXPORT Status nvjpegEncoderStateCreate(Handle, EncoderState* state, CUstream) {
  return Make<State>("EncoderStateCreate", "nvJPEG state", reinterpret_cast<void**>(state));
}
STAND_IN_EXPORT Status nvjpegEncoderStateDestroy(EncoderState state) { return Unmake<State>("nvJPEG state", state); }

STAND_IN_EXPORT Status nvjpegEncoderParamsCreate(Handle, EncoderParams* params, CUstream) {
  return Make<Params>("EncoderParamsCreate", "nvJPEG params", reinterpret_cast<void**>(params));
}
STAND_IN_EXPORT Status nvjpegEncoderParamsDestroy(EncoderParams params) {
  return Unmake<Params>("nvJPEG params", params);
}

STAND_IN_EXPORT Status nvjpegEncoderParamsSetQuality(EncoderParams params, int quality, CUstream) {
  reinterpret_cast<Params*>(params)->quality = quality;
  return kSuccess;
}

STAND_IN_EXPORT Status nvjpegEncoderParamsSetSamplingFactors(EncoderParams, ChromaSubsampling subsampling, CUstream) {
  if (subsampling != kCss420) Violation("nvJPEG was asked for another subsampling than it is given");
  return kSuccess;
}

STAND_IN_EXPORT Status nvjpegEncodeYUV(Handle, EncoderState state, EncoderParams params, const Image* image,
                                       ChromaSubsampling, int width, int height, CUstream stream) {
  if (const Status status = Begin("EncodeYUV")) return status;
  if (!stream) Violation("nvJPEG was put on the NULL stream");
  const unsigned char* planes[3];
  int strides[3];
  for (int i = 0; i < 3; ++i) {
    const size_t rows = i == 0 ? height : (height + 1) / 2;
    const size_t columns = i == 0 ? width : (width + 1) / 2;
    planes[i] = image->channel[i];
    strides[i] = static_cast<int>(image->pitch[i]);
    if (!CheckRange(planes[i], (rows - 1) * image->pitch[i] + columns, "nvJPEG")) return kExecutionFailed;
  }
  const tjhandle turbo = tjInitCompress();
  unsigned char* jpeg = nullptr;
  unsigned long size = 0;
  const int error = tjCompressFromYUVPlanes(turbo, planes, width, strides, height, TJSAMP_420, &jpeg, &size,
                                            reinterpret_cast<Params*>(params)->quality, TJFLAG_ACCURATEDCT);
  if (!error) reinterpret_cast<State*>(state)->jpeg.assign(jpeg, jpeg + size);
  tjFree(jpeg);
  tjDestroy(turbo);
  return error ? kExecutionFailed : kSuccess;
}

STAND_IN_EXPORT Status nvjpegEncodeRetrieveBitstream(Handle, EncoderState state, unsigned char* data, size_t* length,
                                                     CUstream) {
  if (const Status status = Begin("RetrieveBitstream")) return status;
  const std::vector<unsigned char>& jpeg = reinterpret_cast<State*>(state)->jpeg;
  if (data) std::copy(jpeg.begin(), jpeg.end(), data);
  *length = jpeg.size();
  return kSuccess;
}
}
