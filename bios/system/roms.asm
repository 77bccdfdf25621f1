; Option ROMs: 55 AA, length in 512-byte blocks, entry point at offset 3; all bytes add up to zero.

; The video ROM goes first: without it there is no screen for anything that follows.
init_video:
        mov ax, 0xc000
        call try_rom
        ds_ebda
        mov es, [cs:zero_word]
        mov ax, [es:0x10 * 4]           ; F000:F065 leads to whatever has been installed
        mov bx, [es:0x10 * 4 + 2]
        cmp bx, 0xf000
        je .none
        mov [ebda.video_vector], ax
        mov [ebda.video_vector + 2], bx
        ret
.none:
        ret

; C8000h-EFFFFh in steps of 2 KiB, or past each ROM found.
init_option_roms:
        mov ax, 0xc000
        call rom_end                    ; a video ROM may be longer than 32 KiB
        cmp ax, 0xc800
        jae .next
        mov ax, 0xc800
.next:
        cmp ax, 0xf000
        jae .done
        push ax
        call try_rom
        pop ax
        call rom_end
        jmp .next
.done:
        ret

; AX = segment where the search goes on after AX.
rom_end:
        push ds
        mov ds, ax
        cmp word [0], 0xaa55
        jne .step
        push bx
        push cx
        mov bh, 0
        mov bl, [2]
        mov cl, 5
        shl bx, cl
        add bx, 0x7f                    ; to the next 2 KiB
        and bl, 0x80
        add ax, bx
        pop cx
        pop bx
        jc .beyond
        cmp byte [2], 0
        jne .done
.step:
        add ax, 0x80
.done:
        pop ds
        ret
.beyond:
        mov ax, 0xf000
        pop ds
        ret

; Calls the ROM at segment AX if it is one.
try_rom:
        mov ds, ax
        cmp word [0], 0xaa55
        jne .done
        mov ch, [2]
        mov cl, 0
        test ch, ch
        jz .done
        cmp ch, 0x80
        ja .done
        xor si, si                      ; CX = length in words
        xor bl, bl
.sum:
        lodsw
        add bl, al
        add bl, ah
        loop .sum
        test bl, bl
        jnz .done
        mov ax, 3
        push cs
        mov bx, .done
        push bx
        push ds
        push ax
        xor ax, ax                      ; no PCI address
        xor bx, bx
        xor dx, dx
        mov di, 0
        mov es, di
        mov bp, di
        retf
.done:
        cld
        sti
        ret
