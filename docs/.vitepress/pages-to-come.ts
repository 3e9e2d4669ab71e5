/** Pages that links and the sidebar name, and that another branch writes. */
export const pagesToCome: readonly string[] = [];
