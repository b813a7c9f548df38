export const cameraStyle = new CSSStyleSheet();

cameraStyle.replaceSync(`
  :host {
    display: block;
    aspect-ratio: 16 / 9;
    overflow: hidden;
    background: #0a0c0e;
    color: #f2f5f6;
    font: 14px/1.35 system-ui, sans-serif;
  }

  :host([hidden]),
  [hidden],
  p:empty,
  code:empty {
    display: none;
  }

  .frame {
    position: relative;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 4px;
    width: 100%;
    height: 100%;
    container-type: inline-size;
    text-align: center;
    text-wrap: balance;
  }

  canvas {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    object-fit: contain;
  }

  :host([fit='cover']) canvas {
    object-fit: cover;
  }

  [data-picture='none'] canvas {
    visibility: hidden;
  }

  /* An old picture must not be taken for a live one, in whatever colours it is. */
  [data-picture='old'] canvas {
    filter: grayscale(1) brightness(0.3);
  }

  p,
  code {
    position: relative;
    box-sizing: border-box;
    max-width: min(100% - 16px, 46ch);
    margin: 0;
  }

  [part='state'],
  [part='link'] {
    position: absolute;
    top: 8px;
    padding: 2px 8px;
    border-radius: 5px;
    background: rgb(10 12 14 / 0.82);
    font-size: 12.5px;
    white-space: nowrap;
  }

  [part='state'] {
    left: 8px;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  [part='link'] {
    right: 8px;
    color: #ffd9a0;
  }

  /* A state is a shape and a word; the colour only helps. */
  [part='state']::before {
    content: '';
    display: inline-block;
    box-sizing: border-box;
    width: 8px;
    height: 8px;
    margin-right: 6px;
    border: 2px solid currentcolor;
    border-radius: 50%;
  }

  [data-state='live'] [part='state']::before {
    background: currentcolor;
    color: #63d297;
  }

  [data-state='connecting'] [part='state']::before,
  [data-state='stale'] [part='state']::before {
    color: #e8b458;
  }

  [data-state='down'] [part='state']::before {
    border-radius: 1px;
    background: currentcolor;
    color: #ff8d84;
  }

  [part='message'] {
    font-weight: 600;
  }

  [part='code'] {
    color: #ffb3ad;
    font: 12px/1.35 ui-monospace, monospace;
    overflow-wrap: anywhere;
  }

  @container (max-width: 260px) {
    [part='code'] {
      display: none;
    }

    [part='message'] {
      font-size: 12.5px;
    }
  }

  /* Too narrow for both side by side. */
  @container (max-width: 180px) {
    [part='link'] {
      top: auto;
      bottom: 8px;
    }
  }
`);
