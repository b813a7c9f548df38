// Puts what depacketizers take out of packets together to access units.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "ingest/byte_buffer.h"

namespace framewell {

// Where a part (a NAL unit, a VOP, a JPEG scan) stands in its access unit (H.264 7.4.1.2.3, H.265 7.4.2.4.4).
enum class UnitPart {
  // Delimiters, parameter sets, SEI: with a picture before it, the next unit begins here; or, while the timestamp is
  // the same, another slice may follow (GStreamer's payloader repeats parameter sets before every slice of an IDR
  // picture).
  kBeforePicture,
  // The first slice: with a picture before it, the next unit begins here.
  kPictureStart,
  // Any other slice.
  kPictureMore,
  // Filler data, suffix SEI, end of sequence: belongs to the picture before it.
  kAfterPicture,
  // Says nothing about the place where it stands.
  kAnywhere,
};

// What the packet under way says of the units whose bytes it brings.
struct PacketTime {
  uint32_t timestamp = 0;
  int64_t pts_us = 0;
  int64_t received_unix_us = 0;
};

struct BuiltUnit {
  // Sealed.
  ByteBuffer bytes;
  bool keyframe = false;
  // Of the packet that brought the beginning of the picture, but for the time, which is the last packet's.
  PacketTime time;
};

// Why a unit cannot be whole although no packet is missing.
enum class UnitDamage {
  // Its payloads contradict their format or each other.
  kContradiction,
  // It outgrew AccessUnitBuilder::kMaxUnitBytes.
  kTooLarge,
};

// In words, for PacketSink::OnLoss.
std::string Describe(UnitDamage damage);

// Hears from a builder, within its calls.
class AccessUnitListener {
 public:
  virtual ~AccessUnitListener() = default;
  virtual void OnUnit(BuiltUnit unit) = 0;
  // A unit will not come. Said once for a unit.
  virtual void OnDamage(UnitDamage damage) = 0;
};

// A unit is over when the next begins. Three things tell, none of them alone: slice headers say where a picture begins,
// whatever the timestamps; the timestamp tells the second field of a picture from the next picture; the marker bit (RFC
// 6184 section 5.1) ends the unit at once, without waiting for the next packet, where it can be trusted. Cameras set it
// never, on every packet, on every slice or on parameter sets, so it is trusted only after it stood on the last of
// several packets of a picture and on no other; a picture that goes on behind a trusted marker ends the trust for good.
//
// A unit that lacks bytes is dropped, and so is everything up to where the next one begins. Not thread-safe.
class AccessUnitBuilder {
 public:
  // Larger units are a broken or hostile stream: an intra picture of 8K video at high quality stays below.
  static constexpr size_t kMaxUnitBytes = 16 * 1024 * 1024;

  // `trailer`, which must outlive the builder, ends every unit that does not end so by itself.
  explicit AccessUnitBuilder(AccessUnitListener& listener, std::span<const uint8_t> trailer = {});

  // Called by the track around each packet.
  void BeginPacket(const PacketTime& time) { packet_ = time; }
  void EndPacket(bool marker);
  // Whoever gave the packet knows that the unit under way ends with it.
  void EndUnit();
  // Packets are missing before the next one.
  void OnGap();
  // The next packet is another source's: what was learnt about its markers does not hold either.
  void OnNewSource();

  // Called by the depacketizer.

  // A part begins; the unit before it is handed on if it ends here.
  void StartPart(UnitPart part);
  // More bytes of the part under way.
  void Append(std::span<const uint8_t> bytes);
  // The part under way has all its bytes.
  void EndPart() { part_open_ = false; }
  // The part under way turned out to hold picture data (Annex B start codes inside, as some cameras send).
  void MarkPicture();
  // Decoding can start with the unit under way.
  void MarkKeyframe();
  // The unit under way lacks bytes.
  void MarkDamaged(UnitDamage damage);
  // Bytes of the part under way, until now; valid up to the next call. Empty when its unit is dropped.
  std::span<const uint8_t> part() const { return unit_.bytes.data().subspan(part_offset_); }

 private:
  enum class MarkerTrust { kLearning, kTrusted, kRefuted };

  bool EndsUnit(UnitPart part) const;
  // Hands the unit under way on, or forgets it when it is dropped.
  void Finish();
  // Nothing is under way any more.
  void Clear();
  void LearnFromMarkers();

  AccessUnitListener& listener_;
  const std::span<const uint8_t> trailer_;
  PacketTime packet_;
  BuiltUnit unit_;
  // The unit under way is dropped: bytes are missing, or its beginning was never seen.
  bool dropping_ = true;
  bool has_picture_ = false;
  bool part_open_ = false;
  // The part under way has no place in the unit.
  bool skipping_part_ = false;
  size_t part_offset_ = 0;
  // Where parts begin that came behind the picture and belong before the next one, unless another slice of this picture
  // follows them.
  std::optional<size_t> undecided_offset_;
  // One of them says that decoding can start with the picture behind it.
  bool undecided_keyframe_ = false;
  // The packet under way brought data of the unit's picture.
  bool packet_has_picture_ = false;
  // The unit before was ended by its marker, and no packet is missing since.
  bool ended_by_marker_ = false;

  MarkerTrust marker_trust_ = MarkerTrust::kLearning;
  // Of the unit under way: packets with picture data, those that had the marker, and whether the last one had.
  size_t picture_packets_ = 0;
  size_t marked_packets_ = 0;
  bool last_packet_marked_ = false;
  // Units of one packet, each marked, since a longer one.
  size_t single_packet_units_ = 0;

  // Sizes to reserve: the next picture is about as large as the one of its kind before it.
  size_t last_size_ = 0;
  size_t last_keyframe_size_ = 0;
};

}  // namespace framewell
