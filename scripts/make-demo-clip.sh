#!/usr/bin/env bash
# Makes simulator/clips/demo.h264, the picture of the demo camera: FFmpeg's own sources alone, so that nobody else has
# rights in it. Needs ffmpeg with libx264, fc-match and the DejaVu fonts (Debian: ffmpeg fontconfig fonts-dejavu).
set -euo pipefail
cd "$(dirname "$0")/.."

readonly SECONDS_LONG=10
readonly OUT=simulator/clips/demo.h264

# A still picture for the whole clip: drawn once, then repeated.
still() { # source filters label
  printf '%s,trim=end_frame=1,%sloop=-1:1,fps=25[%s];' "$1" "$2" "$3"
}

# A shaded ball of one colour, transparent around, edge smoothed over two pixels.
ball() { # name red green blue diameter
  local light='(1.15-0.75*hypot(X-0.36*W,Y-0.32*H)/W)'
  still "color=black:s=${5}x${5}:r=25,format=rgba" \
    "geq=r='min(255,$2*$light)':g='min(255,$3*$light)':b='min(255,$4*$light)':a='255*clip((W/2-hypot(X-W/2+0.5,Y-H/2+0.5))/2,0,1)'," "$1"
}

# Every orbit takes a whole fraction of the clip, so that it repeats without a jump.
orbit() { # below ball rounds phase above
  local angle="2*PI*($3*t/$SECONDS_LONG+$4)"
  printf "[%s][%s]overlay=format=gbrp:x='W/2-w/2+545*cos(%s)':y='330-h/2+225*sin(%s)'[%s];" "$1" "$2" "$angle" "$angle" "$5"
}

text() { # font size colour x y text
  # By file: drawtext's own font option takes a family, never a style.
  printf "drawtext=fontfile='%s':fontsize=%s:fontcolor=%s:x=%s:y=%s:text='%s'" "$(fc-match -f '%{file}' "$1")" "${@:2}"
  printf ':shadowcolor=black@0.45:shadowx=2:shadowy=3'
}

# 75 % colour bars at the lower edge: known colours, to check a picture by eye or by program.
bars() {
  local colour x=0
  for colour in 0xbfbfbf 0xbfbf00 0x00bfbf 0x00bf00 0xbf00bf 0xbf0000 0x0000bf 0x101010; do
    printf 'drawbox=x=%s:y=672:w=160:h=48:c=%s:t=fill,' "$x" "$colour"
    x=$((x + 160))
  done
}

graph=$(
  # A diagonal from night blue to teal, darker to the corners; a little noise hides the steps of 8 bit.
  still "color=black:s=1280x720:r=25,format=gbrp" \
    "geq=r='(14+30*(X+Y)/(W+H))*(1-0.5*pow(hypot(X-W/2,Y-H/2)/734,2))':g='(34+92*(X+Y)/(W+H))*(1-0.5*pow(hypot(X-W/2,Y-H/2)/734,2))':b='(72+58*(X+Y)/(W+H))*(1-0.5*pow(hypot(X-W/2,Y-H/2)/734,2))',noise=alls=3,$(bars)" stage
  ball sun 255 196 84 84
  ball coral 255 112 92 60
  ball mint 120 232 190 52
  ball violet 176 140 255 44
  still "color=0x52d6c6:s=1280x6:r=25,format=gbrp" "" sweep
  orbit stage sun 1 0.08 with1
  orbit with1 coral 2 0.43 with2
  orbit with2 mint 3 0.70 with3
  orbit with3 violet -1 0.90 with4
  printf "[with4][sweep]overlay=format=gbrp:x='-w+w*(t+0.04)/%s':y=660," "$SECONDS_LONG"
  text 'DejaVu Sans:bold' 40 white 48 40 'Framewell demo camera'
  printf ','
  text 'DejaVu Sans' 26 0xc8e6e4 'w-tw-48' 50 '1280 × 720   25 fps   H.264'
  printf ','
  # hms begins with a blank where a minus would be: one of 13 characters.
  text 'DejaVu Sans Mono:bold' 116 white '(w-tw-tw/13)/2' 252 '%{pts\:hms}'
  printf ','
  text 'DejaVu Sans Mono' 44 0xc8e6e4 '(w-tw)/2' 400 'frame %{eif\:n\:d\:3}'
  printf ',trim=end_frame=%s,scale=out_color_matrix=bt709:out_range=limited,format=yuv420p' $((SECONDS_LONG * 25))
)

mkdir -p "$(dirname "$OUT")"
# One thread and no SEI: the same tools give the same bytes. No B-frames: Annex B has no times for them.
ffmpeg -hide_banner -loglevel error -y -filter_complex "$graph" \
  -c:v libx264 -preset veryslow -crf 23 -profile:v high -level 3.1 -refs 3 -bf 0 -g 50 -keyint_min 50 -sc_threshold 0 -threads 1 \
  -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
  -bsf:v filter_units=remove_types=6 -f h264 "$OUT"
echo "$OUT: $(stat -c %s "$OUT") bytes"
