{
  'targets': [
    {
      'target_name': 'framewell',
      'variables': {
        'packages': 'libavformat libavcodec libavutil libswscale zimg libturbojpeg ffnvcodec',
      },
      'sources': ['<!@(find native -name "*.cc" | sort)'],
      'include_dirs': [
        'native',
        '<!(node -p "require(\'node-addon-api\').include_dir")',
      ],
      'defines': ['NAPI_VERSION=8', 'NODE_ADDON_API_CPP_EXCEPTIONS'],
      # common.gypi compiles addons with -fno-exceptions -fno-rtti and an older -std.
      'cflags_cc!': ['-fno-exceptions', '-fno-rtti', '-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': [
        '-std=c++20',
        '-fexceptions',
        '-O2',
        '-g1',
        '-Wall',
        '-Wextra',
        '-Wno-missing-field-initializers',
        '-fvisibility=hidden',
        '<!@(pkg-config --cflags <(packages))',
      ],
      'libraries': ['<!@(pkg-config --libs <(packages))', '-ldl', '-pthread'],
    },
  ],
}
