/** Dial options that let both sides transfer and park by DTMF. */
export const FEATURES = 'tTkK'
